"""The pages: asks the store questions and draws the answers. Never writes facts."""
