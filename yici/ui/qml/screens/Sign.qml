pragma ComponentBehavior: Bound
import QtQuick
import controls
import strings
import theme

// The declaration and the handwritten name under it.
KScreen {
    id: root

    title: Strings.text("sign.title")
    backEvent: "to_review"
    onBegun: pad.clear()
    actions.primaryText: Strings.text("sign.submit")
    actions.onAdvanced: root.post("submit", {})

    KSection {
        width: parent.width

        Repeater {
            model: root.view.declaration.length

            KText {
                required property int index

                width: root.columnWidth
                text: root.view.declaration[index] ?? ""
            }
        }
    }
    KNotice {
        width: parent.width
        visible: root.view.problem !== ""
        kind: KNotice.Danger
        title: root.view.problem
    }
    KInkPad {
        id: pad

        width: parent.width
        height: Theme.isPortrait ? Theme.mm(100) : Math.max(Theme.mm(70), root.bodyHeight * 0.45)
        hint: Strings.text("sign.hint")
        onWritten: stroke => root.post("stroke", {
                points: stroke,
                width: pad.width,
                height: pad.height
            })
    }
    Item {
        width: parent.width
        height: clear.height

        KButton {
            id: help

            kind: KButton.Quiet
            text: Strings.text("sign.help")
            x: -leftPadding
            onClicked: root.post("call_staff", {})
        }
        KButton {
            id: clear

            text: Strings.text("sign.clear")
            anchors.right: parent.right
            onClicked: {
                pad.clear();
                root.post("clear_signature", {});
            }
        }
    }
}
