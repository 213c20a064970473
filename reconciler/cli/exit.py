"""Exit: the codes a command ends with, as Terraform's users know them."""

DONE, FAILED, CHANGES, INTERRUPTED = 0, 1, 2, 130
