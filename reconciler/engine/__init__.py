"""Plans and applies: the product. `make_plan` decides and changes nothing, `apply_plan` does and decides nothing."""
