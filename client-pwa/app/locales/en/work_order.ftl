### Work orders.

work-order = Work order
work-orders = Work orders
new-work-order = New work order
create-work-order = Create work order
work-orders-search = { $count ->
    [one] Search 1 work order
   *[other] Search { $shown } work orders
 }
work-order-missing = Not on this device
work-order-missing-text = It may have gone to somebody else. If you expect it, connect and look again.
status-new = New
status-assigned = Assigned
status-in_progress = In progress
status-on_hold = On hold
status-completed = Completed
status-verified = Verified
status-closed = Closed
status-cancelled = Cancelled
priority-low = Low
priority-medium = Medium
priority-high = High
priority-critical = Critical
work-type-corrective = Corrective
work-type-preventive = Preventive
work-type-inspection = Inspection
work-type-emergency = Emergency
work-type-safety = Safety
work-type-calibration = Calibration
due-over = { $time } over
due-yesterday = Due yesterday
due-days-over = { $days ->
    [one] 1 day over
   *[other] { $days } days over
 }
due-today = Due { $time }
due-tomorrow = Tomorrow
due-met = On time
due-late = Late
asset-count = { $count ->
    [one] 1 asset
   *[other] { $count } assets
 }
my-work = My work
my-work-search = Search my work
my-work-filter = Filter work
my-work-empty = No work is waiting for you
my-work-empty-text = When somebody assigns you a work order, it shows up here, with or without a signal.
filter-all = All
filter-overdue = Overdue
filter-running = In progress
filter-preventive = Preventive
filter-high = High and up
group-overdue = Overdue
group-today = Today
group-upcoming = Upcoming
group-unscheduled = No date yet
timer-running = timer running
timer-start = Start timer
timer-pause = Pause
timer-of = { $name } is working on this now.
time-total = { $time } in all
time-of-planned = of { $time } planned
view-open = Open
view-overdue = Overdue
view-mine = Mine
view-unassigned = Unassigned
view-conflicts = Two versions
view-done = Done
view-all = All
show-all-found = { $count ->
    [one] Show 1 in all work orders
   *[other] Show { $count } in all work orders
 }
any-type = Any type
any-priority = Any priority
column-number = Number
column-hours = Hours
field-title = Title
field-type = Type
field-priority = Priority
field-status = Status
field-asset = Asset
field-due = Due
field-planned-start = Planned start
field-estimate = estimate
field-estimate-minutes = Estimate, minutes
field-location = Location
field-assignees = Assigned to
field-answer = this answer
field-other = this field
edit-title = Edit title
description = Description
description-placeholder = What should others know?
resolution = What was done
resolution-placeholder = Cause, repair, what to look at next time
title-placeholder = What is to be done?
title-needed = Say in a few words what is to be done.
title-too-long = That is too long for a title. Put the rest in the description.
choose-asset = Choose an asset
no-asset = No asset
no-checklist = No checklist
checklist-steps = { $count ->
    [one] 1 step
   *[other] { $count } steps
 }
assign-to-me = Assign to me
assign = Assign
assign-to = Assign to
nobody-yet = Nobody yet
next-step = Next step
more-actions = More actions
delete-order = Delete work order
delete-order-title = Delete { $number }?
delete-order-text = It goes from every device. What others have typed and not sent yet stays with them and needs their attention. Only whoever runs the server can bring it back.
delete-order-done = Work order deleted
delete-order-not = Not deleted. It takes a connection and the right to do it.
nothing-to-do-here = Nothing more to do here.
step-start = Start work
step-resume = Resume work
step-hold = Hold
step-complete = Complete
step-verify = Verify
step-close = Close work order
step-reopen = Reopen
step-cancel = Cancel work order
step-assigned = Mark as assigned
step-unassign = Back to new
reason = Reason
labour = Labour
add-labour = Add labour
hours = Hours
minutes = Minutes
labour-note = What was done
notes = Notes
write-note = Write a note
add-note = Add note
history-line = { $name }: { $status }
history-superseded = Kept, but something else happened first.
notice-checklist-incomplete = Completed by { $name } while required steps were open. It is in progress again.
notice-self-verified = { $name } completed this work and verified it. Somebody else has to verify.
notice-impossible-step = A step by { $name } came too late. It is kept in the history and changed nothing.
notice-inactive-assignee = { $name } no longer works here and was taken off this work.
notice-settle = Dealt with
parts-used = Parts used
no-parts-used = No parts yet
add-part = Add part
costs = Costs
cost-parts = Parts and material
cost-services = Services
cost-other = Other
field-failure = Failure
field-downtime = Downtime
field-requester = Asked for by
field-down-since = Down since
field-up-again = Up again
failure-mode = Failure mode
failure-mechanism = Failure mechanism
failure-cause = Failure cause
failure-detection = Detected by
failure-impact = Failure impact
