### Devices: who works on one, how it is locked, and erasing one that was lost.

somebody-else = Somebody else
switch-person = Switch person
sign-in-anew = Sign in to begin with an empty device. What is locked here stays here.
choose-document-title = Who is working? · MaintainPro
choose-title = Who is working?
choose-locked = Locked
choose-open = Not locked
choose-signed-out = Signed out
choose-used = last here { $when }
choose-waiting = { $count ->
    [one] 1 change is waiting to be sent
   *[other] { $count } changes are waiting to be sent
 }
lock-document-title = Locked · MaintainPro
lock-title = Unlock
lock-pin = PIN
lock-open = Unlock
lock-open-passkey = Unlock with the passkey of this device
lock-passkey-failed = The passkey did not unlock this device. Use the PIN.
lock-wrong = That is not the PIN. Try again.
lock-wait = { $seconds ->
    [one] Too many wrong attempts. Wait 1 second, then try again. Nothing is lost.
   *[other] Too many wrong attempts. Wait { $seconds } seconds, then try again. Nothing is lost.
 }
lock-unreadable = The lock of this device cannot be read. Reload the page and try again.
lock-waiting-hint = They are sealed. Unlock to send or save them.
lock-forgotten = Forgot the PIN?
lock-forgotten-text = Nobody can open what is stored here without it. With a connection you can sign in and begin with an empty device; your work comes back from the server.
lock-forgotten-waiting = { $count ->
    [one] 1 change has not been sent. It stays here, sealed, until you remember the PIN.
   *[other] { $count } changes have not been sent. They stay here, sealed, until you remember the PIN.
 }
lock-begin-anew = Sign in and begin anew
lock-device = Device lock
lock-subtitle = A PIN for what this device holds
lock-about = What this device holds is encrypted, and only your PIN opens it, also without a network. You enter it after a restart, and when nobody has used the device for a while.
lock-pin-new = New PIN
lock-pin-again = The same again
lock-pin-present = Present PIN
lock-pin-hint = At least 6 characters. Letters and more of them make it much harder to guess.
lock-pin-short = Use at least 6 characters.
lock-pin-easy = A row of neighbours is easy to guess. Choose another one.
lock-pin-differs = The two are not the same.
lock-turn-on = Turn the lock on
lock-is-on = The lock is on.
lock-not-stored = The lock could not be stored. Nothing was changed.
lock-sealing = What was stored before is being encrypted. You can go on working.
lock-opening = What is stored is being opened. After that you can turn the lock on again.
lock-now = Lock now
lock-idle = Locks itself after
lock-minutes = { $count ->
    [one] 1 minute
   *[other] { $count } minutes
 }
lock-other-pin = Change the PIN
lock-other-pin-go = Save the new PIN
lock-pin-changed = The PIN is changed.
lock-turn-off = Turn the lock off
lock-turn-off-text = Whoever has this device can then read what it holds.
lock-turn-off-go = Turn off
lock-is-off = The lock is off.
lock-required = Your organisation wants its devices locked.
lock-required-title = Choose a PIN
lock-required-text = Your organisation wants its devices locked. What this device holds is encrypted, and your PIN opens it, also without a network.
lock-passkey-add = Unlock with a passkey too
lock-passkey-hint = A fingerprint, your face or the PIN of this device opens MaintainPro. It is for this device only; nobody signs in with it.
lock-passkey-name = MaintainPro on this device
lock-passkey-there = A passkey of this device unlocks it.
lock-passkey-forget = Use the PIN only
lock-passkey-none = This device made no passkey that can unlock. The PIN works as ever.
lock-wipe-waits = This device is to be erased. Unlock it, so that what it has not sent is handed in first.
wiped-document-title = Erased · MaintainPro
wiped-title = Your data on this device was erased
wiped-text = You or somebody who administers your organisation asked for it. Nothing of your work is stored here any more.
wiped-handed-in = { $count ->
    [one] 1 change was handed in before.
   *[other] { $count } changes were handed in before.
 }
devices = Devices
devices-hint = A device that is erased first hands in what it has not sent. It does so the next time it reaches the server.
devices-active = Last here { $when }
devices-revoked = Nobody can sign in on it
devices-wipe = Erase
devices-wipe-on = Erase { $device }
devices-wipe-title = Erase { $device }?
devices-wipe-text = The next time it reaches the server it hands in what it has not sent, and then erases everything of its person.
devices-wipe-asked = Is to be erased since { $when }
devices-wiped = { $count ->
    [0] Erased { $when }
    [one] Erased { $when }, after 1 change was handed in
   *[other] Erased { $when }, after { $count } changes were handed in
 }
devices-keep = Do not erase
devices-keep-on = Do not erase { $device }
devices-sign-out-on = Sign { $device } out
device-rule = Devices must be locked
device-rule-no = No, people choose
device-rule-after = { $count ->
    [one] Yes, after 1 minute without use
   *[other] Yes, after { $count } minutes without use
 }
device-rule-hint = Devices hear of it the next time they reach the server, and ask for a PIN.
