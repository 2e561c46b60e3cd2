"""Settings come from the environment; `.env.example` names every variable. Importing them starts nothing."""
