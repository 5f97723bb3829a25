### Signing in and out.

sign-in = Anmelden
sign-in-document-title = Anmelden · MaintainPro
email = E-Mail
password = Passwort
show-characters = Zeichen zeigen
online = Online
offline = Offline
sign-in-waiting = { $count ->
    [one] 1 Änderung wartet auf diesem Gerät.
   *[other] { $count } Änderungen warten auf diesem Gerät.
 }
sign-in-waiting-whose = Sie gehören { $name } und werden nach der nächsten Anmeldung gesendet.
sign-in-about = Über
sign-in-lead = Die Arbeit geht weiter, wenn das Netz weg ist.
sign-in-promise = Alles, was du festhältst, ist zuerst auf deinem Gerät und wird gesendet, sobald es geht.
sign-in-both = Gib deine E-Mail und dein Passwort ein.
sign-in-mismatch = E-Mail und Passwort passen nicht zusammen. Prüfe beide und versuche es noch einmal.
sign-in-unreachable = Der Server ist nicht erreichbar. Zum Anmelden braucht es einmal eine Verbindung; danach geht es auch offline.
sign-in-throttled = Es gab viele Versuche. Warte ein paar Minuten und versuche es dann noch einmal.
sign-in-suspended = Diese Organisation ist gesperrt. Frage, wer den Server betreibt; was auf deinen Geräten liegt, bleibt erhalten.
sign-in-busy = Gerade melden sich viele an. Versuche es gleich noch einmal.
sign-in-which-organisation = Welche Organisation?
sign-in-again = Noch einmal anmelden
sign-in-again-hint = Deine Arbeit ist sicher auf diesem Gerät. Sie wird gesendet, sobald du wieder da bist.
sign-out = Abmelden
sign-out-title = Von diesem Gerät abmelden?
sign-out-hint = Alles ist beim Server. Was hier gespeichert ist, wird gelöscht; um dich wieder anzumelden, brauchst du eine Verbindung.
sign-out-unsent = { $count ->
    [one] 1 Änderung ist noch nicht gesendet.
   *[other] { $count } Änderungen sind noch nicht gesendet.
 }
sign-out-unsent-hint = Sie bleiben auf diesem Gerät und werden gesendet, wenn du dich hier wieder anmeldest.
stay-signed-in = Angemeldet bleiben
sessions = Angemeldete Geräte
sessions-subtitle = Wo dein Konto offen ist
sessions-here = Dieses Gerät
sessions-used = Zuletzt benutzt { $when }
sessions-since = Angemeldet { $when }
sessions-end-on = Auf { $device } abmelden
sessions-hint = Was ein Gerät noch nicht gesendet hat, bleibt beim Abmelden dort. Es wird gesendet, wenn du dich dort wieder anmeldest.
sessions-end-others = Überall sonst abmelden
sessions-end-others-title = Überall sonst abmelden?
sessions-end-others-text = Deine anderen Geräte fragen wieder nach deinem Passwort. Was sie noch nicht gesendet haben, bleibt dort und wird danach gesendet.
sessions-unreachable = Diese Liste braucht eine Verbindung
forgotten = Passwort vergessen?
forgotten-text = Geben Sie Ihre E-Mail ein. Wir senden Ihnen einen Link, mit dem Sie ein neues Passwort wählen.
forgotten-go = Link senden
forgotten-sent-title = Sehen Sie in Ihr Postfach
forgotten-sent = Falls { $email } zu einem Konto gehört, ist ein Link unterwegs. Er gilt eine Stunde.
forgotten-no-email = Dieser Server sendet keine E-Mails. Bitten Sie die Person um einen Link, die Ihre Organisation verwaltet.
join-document-title = Passwort wählen · MaintainPro
join-title = Willkommen, { $name }
join-text = { $organisation } hat ein Konto für Sie angelegt. Wählen Sie ein Passwort; Sie melden sich mit { $email } an.
reset-title = Ein neues Passwort
reset-text = Wählen Sie ein neues Passwort für { $email }. Ihre anderen Geräte werden abgemeldet; was noch nicht gesendet ist, bleibt dort.
join-password = Neues Passwort
join-hint = Vier Wörter, die nichts miteinander zu tun haben, sind leicht zu merken und schwer zu erraten.
join-strong = Schwer zu erraten.
join-weak = Dieses Passwort ist zu leicht zu erraten.
join-go = Speichern und anmelden
join-no-link = Dieser Link öffnet nichts
join-expired = Er wurde schon benutzt oder ist zu alt. Bitten Sie um einen neuen.
join-unreachable = Der Server ist nicht erreichbar. Versuchen Sie es mit Verbindung noch einmal.
join-device-revoked = Dieses Gerät wurde endgültig abgemeldet. Nehmen Sie ein anderes, oder fragen Sie die Person, die Ihre Organisation verwaltet.
weak-short = Zu kurz.
weak-common = Viele haben dieses Passwort oder ein ähnliches.
weak-word = Ein einzelnes Wort oder ein Name ist leicht zu erraten.
weak-pattern = Tastenreihen und Wiederholungen sind leicht zu erraten.
weak-date = Tage und Jahre sind leicht zu erraten.
weak-known = Ihr Name, Ihre E-Mail und Ihre Organisation sind leicht zu erraten.
