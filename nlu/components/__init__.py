"""What this project adds to Rasa's pipeline; runs only in nlu/'s own environment."""
