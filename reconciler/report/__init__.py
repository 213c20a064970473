"""Report: a plan, an audit or a result in every form. Pure: values in, text out."""
