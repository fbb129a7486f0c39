import QtQuick
import controls
import strings
import theme

// Goodbye: what was cleared, what not to forget. The process ends soon after.
KScreen {
    id: root

    title: Strings.text("ended.title")
    lead: root.view.message
    actions.endText: ""

    KNotice {
        width: parent.width
        kind: KNotice.Warn
        title: Strings.text("ended.take")
        body: root.view.take
    }
    KText {
        width: Math.min(parent.width, Theme.measure)
        text: Strings.text("ended.privacy")
        tone: KText.Secondary
    }
}
