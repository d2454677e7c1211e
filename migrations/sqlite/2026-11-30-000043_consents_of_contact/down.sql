DROP INDEX consents_of_contact;
