-- No question of the application ever came to these two, of which one moved with every change of a due date.

drop index work_order_by_due;
drop index work_order_by_external;
