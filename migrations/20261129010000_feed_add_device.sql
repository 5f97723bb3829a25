-- On which device an item was made: after a backup was restored, whoever gives the item back can say to whom its
-- actor belongs, whether or not the directory had told them.

alter table feed add column device_id uuid;
