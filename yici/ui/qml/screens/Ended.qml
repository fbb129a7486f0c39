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
    actions.primaryText: Strings.text("ended.next")
    actions.onAdvanced: root.post("leave_now", {})

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
