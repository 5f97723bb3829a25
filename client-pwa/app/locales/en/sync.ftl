### Sending, and what this device holds.

sync-accepted = All changes saved
sync-offline = Offline · everything is sent
sync-offline-saved = { $count ->
    [one] 1 change saved on this device
   *[other] { $count } changes saved on this device
 }
sync-connecting = Connecting…
sync-sending = { $count ->
    [one] Sending 1 change…
   *[other] Sending { $count } changes…
 }
sync-loading = Loading your work, { $done } of { $total }
sync-loading-some = Loading your work
sync-signed-out = { $count ->
    [0] Sign in again to get news
    [one] Sign in again to send 1 change
   *[other] Sign in again to send { $count } changes
 }
sync-held = { $count ->
    [one] Handed to your supervisor: 1 change
   *[other] Handed to your supervisor: { $count } changes
 }
sync-attention = { $count ->
    [one] 1 change needs attention
   *[other] { $count } changes need attention
 }
sync-trouble = This device cannot save right now
sync-trouble-quota = It is full. Free some space, or export your unsent work now.
sync-trouble-unavailable = The browser refuses. Export your unsent work now, then reload.
sync-trouble-locked = Your data on this device was locked in another tab, and what you wrote in this one is not saved. Export it now, then reload and unlock.
sync-trouble-no-engine = The part of the app that stores and sends does not start. Close other tabs of this app. If that does not help, save a copy of all stored work and reload.
sync-recovery = Save a copy of all stored work
sync-unreadable = A change this version cannot read
sync-unreadable-text = It stays on this device until a version can read it. Export it to be safe.
sync-unreadable-chip = Unreadable
sync-panel-title = Sync and storage
sync-panel-live = Connected. Changes go out as you make them.
sync-panel-loading = Connected. What belongs to you is being loaded.
sync-panel-connecting = Connecting. Your work is safe on this device.
sync-panel-safe = No connection right now. Your work is safe on this device.
sync-changes = Changes from this device
sync-more-changes = { $count ->
    [one] and one more change saved on this device
   *[other] and { $count } more changes saved on this device
}
sync-no-changes = Changes you make show up here.
sync-on-device = On this device
sync-used = { $used } of { $quota }
sync-kept = Kept if the browser clears space
not-promised = Not promised
sync-last-contact = Last contact with the server
sync-compared = Last compared with the server
sync-compare = Compare now
sync-never = Never
sync-export = { $count ->
    [0] Nothing to export
    [one] Export 1 unsent
   *[other] Export { $count } unsent
 }
sync-retry-all = Retry all
sync-now = Sync now
sync-try-again = Try again
sync-discard = Discard …
sync-discard-title = Discard this change?
sync-discard-text = A copy of all unsent work is saved as a file first. Then this change leaves the device.
sync-copy-and-discard = Save a copy and discard
sync-difference = You have { $mine }, the server has { $server }.
inbox = Held changes
inbox-subtitle = From people who cannot sign in any more
inbox-empty = Nothing waits for you
inbox-empty-text = When somebody loses access while offline, what they did waits here.
inbox-accept = Accept
inbox-decline = Decline
inbox-unreachable = This list needs a connection
inbox-earlier-first = An earlier change of this device waits. Decide about that one first.
inbox-decided = Somebody has decided about this already.
inbox-not-permitted = You do not have the right to do this.
inbox-does-not-fit = This does not fit any more, and nothing was changed.
saved-here = Saved here
saved-on-device = Saved on this device
saving = Saving
not-saved-yet = Not saved yet
sending = Sending
held = Handed over
accepted = Accepted
all-accepted = All changes saved
needs-attention = Needs attention
changes-saved-here = { $count ->
    [one] 1 change saved on this device
   *[other] { $count } changes saved on this device
 }
two-versions = Two versions
two-versions-of = Two versions of { $field }
two-versions-kept = Both are kept until somebody chooses.
keep-version = Keep { $value }
use-version = Use { $value }
version-by-you = you on { $device }, { $at }
version-by = { $name } on { $device }, { $at }
version-by-device = on { $device }, { $at }
a-whole-item = A whole item
command-other = Change
command-work_order-create = New work order
command-work_order-edit = Work order changed
command-work_order-assign = People assigned
command-work_order-change_status = Status changed
command-work_order-attach_checklist = Checklist added
command-work_order-answer = Checklist answered
command-work_order-use_part = Part used
command-work_order-start_timer = Timer started
command-work_order-stop_timer = Timer stopped
command-labour_entry-add = Labour added
command-comment-add = Note added
command-meter_reading-add = Meter read
command-asset-edit = Asset changed
command-conflict-settle = Version chosen
command-asset-create = New asset
command-asset-move = Asset moved
command-part-create = New part
command-part-edit = Part changed
command-stock_movement-receive = Stock received
command-stock_movement-count = Stock counted
sync-wiping = This device is to be erased. First it hands in what it has not sent.
