DROP TABLE entry_marks;
