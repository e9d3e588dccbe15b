-- when what the source points to was first seen
ALTER TABLE stack ADD COLUMN seen_since TEXT;
