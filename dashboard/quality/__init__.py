"""What the Quality page is made of: satisfaction, resolution, evaluations, transfers, teams."""
