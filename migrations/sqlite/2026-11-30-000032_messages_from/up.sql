-- messages_by_from, of the same columns, is used instead.
DROP INDEX messages_by_contact;
