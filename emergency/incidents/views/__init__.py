"""Pages of the accident ledger: the list and its forms, one accident's page, the steps of its life."""
