"""Adapters: what a vendor's system says, told as events of the contract. One package a system."""
