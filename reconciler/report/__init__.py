"""Report: a plan or a result as text and as JSON. Pure: values in, text out."""
