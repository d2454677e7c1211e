DROP INDEX numbers_of_organization;
