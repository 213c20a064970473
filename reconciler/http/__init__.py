"""Talking to vendors: requests by effect, four outcomes, one pace for each account."""
