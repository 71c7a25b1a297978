"""What people keep of the Fallback page: saved answers, decisions and drills. Nothing of them is changed or deleted."""
