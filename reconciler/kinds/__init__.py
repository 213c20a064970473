"""The contract every kind is written against: values, fields, shapes, places, steps. No client, no clock, no I/O."""
