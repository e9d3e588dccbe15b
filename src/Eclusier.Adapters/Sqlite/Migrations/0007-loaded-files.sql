-- what containers of services with a label eclusier.reload have loaded, a line each: service, hash of the content, places on the disk
ALTER TABLE stack ADD COLUMN loaded_files TEXT;
