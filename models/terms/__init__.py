"""What is agreed and what is paid: providers' contracts, in-house cost and rates of exchange, as documents.

Only their form is here; `models/billing` computes with them.
"""
