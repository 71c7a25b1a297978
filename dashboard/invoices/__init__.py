"""The Invoices page: bills of providers held against what was expected, disputed and settled."""
