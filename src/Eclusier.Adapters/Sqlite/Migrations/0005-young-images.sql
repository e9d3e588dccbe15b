-- what followed tags moved to and is not old enough to be taken, a line each: image, digest, first seen
ALTER TABLE stack ADD COLUMN young_images TEXT;
