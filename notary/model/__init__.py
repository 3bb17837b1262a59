"""The values that cross the ports: what a log's store keeps and what a chain shows. Plain data, by topic."""
