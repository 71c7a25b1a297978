"""The simulated floor: demand, people, queues, and what follows a contact."""
