pragma ComponentBehavior: Bound
import QtQuick
import controls
import strings
import theme

// Is this you: what the card says, masked.
KScreen {
    id: root

    title: Strings.text("confirm.title")
    actions.backText: Strings.text("confirm.not_me")
    backEvent: "not_me"
    actions.primaryText: Strings.text("confirm.me")
    actions.onAdvanced: root.post("confirm_identity", {})

    KList {
        width: parent.width

        KPool {
            id: rows

            wanted: root.view.rows.length

            KRow {
                required property int index
                readonly property var row: root.view.rows[index]

                visible: index < rows.wanted
                width: root.columnWidth
                leads: false
                text: row?.label ?? ""
                value: row?.value ?? ""
                secret: row?.secret ?? ""
                valueTone: KText.Main
                ruled: index < root.view.rows.length - 1
            }
        }
    }
    KNotice {
        width: parent.width
        visible: root.view.note !== ""
        body: root.view.note
    }
    KText {
        width: Math.min(parent.width, Theme.measure)
        text: Strings.text("confirm.privacy")
        tone: KText.Secondary
    }
}
