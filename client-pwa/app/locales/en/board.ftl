### The live board.

live-board = Live board
board-live = Live
board-as-of = As of { $time }
board-search = Find work or asset
board-views = Views
board-everyone = Everyone
board-at-risk = At risk
board-open = open
board-by-status = Work orders by status
board-verified = Verified, { $count }, show column
move-work-order = Move { $number }
assign-work-order = Assign { $number }
assigned-work-order = Assign { $number }, now { $name }
move-not-possible = From { $from } it cannot go to { $to }.
load = Who has how much to do
load-open = { $count } open
load-free = Nothing in progress
activity = Activity
activity-pause = Pause updates
activity-resume = Resume updates
activity-empty = What happens shows up here.
happened-arrived = is new
happened-assigned = assigned to { $name }
happened-note = has a new note
happened-settled = Version chosen
happened-changed = changed
