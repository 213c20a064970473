"""PagerDuty, made up from its fact sheet: REST, and Events v2 under `/v2` of the same base."""
