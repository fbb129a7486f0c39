import QtQuick
import controls
import strings

// While the application is being encrypted and written; it lasts as long as one commit.
KScreen {
    id: root

    title: Strings.text("sealing.title")

    KBusy {
        text: Strings.text("sealing.wait")
    }
}
