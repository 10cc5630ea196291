"""Pages of the register: the list and its forms, one subject's page, accounts of enterprises, industries."""
