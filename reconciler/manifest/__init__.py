"""What people write, read: YAML with its places, the project, its manifests, secrets, schemas and explanations."""
