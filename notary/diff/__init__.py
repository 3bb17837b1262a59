"""What changed between two canonical documents, for showing: lines, then words. docs/spec/diff.md."""
