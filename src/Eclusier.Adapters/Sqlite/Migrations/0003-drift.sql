-- how the host differs from the last known good release, as last seen
ALTER TABLE stack ADD COLUMN drift_message TEXT;
ALTER TABLE stack ADD COLUMN drift_since TEXT;
