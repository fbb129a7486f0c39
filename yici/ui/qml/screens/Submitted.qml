pragma ComponentBehavior: Bound
import QtQuick
import controls
import strings
import theme

// How it stands, honestly: stored here or delivered there; and where the slip is.
KScreen {
    id: root

    readonly property bool delivered: root.view.state === "delivered"

    title: root.delivered ? Strings.text("submitted.delivered") : Strings.text("submitted.stored")
    lead: root.delivered ? Strings.format("submitted.delivered_lead", {
        number: root.view.case_number
    }) : Strings.text("submitted.stored_lead")
    actions.endText: ""
    actions.primaryText: Strings.text("submitted.done")
    actions.onAdvanced: root.post("end", {})
    guideHeight: Math.min(Theme.mm(95), root.bodyHeight * 0.3)
    guide: Component {
        KDrawing {
            name: "slip_from_printer"
            description: Strings.text("submitted.drawing")
        }
    }

    Rectangle {
        width: parent.width
        height: code.implicitHeight + Theme.mm(12)
        color: Theme.surface
        radius: Theme.radius
        border.width: Theme.hairline
        border.color: Theme.line

        Column {
            id: code

            anchors.left: parent.left
            anchors.right: parent.right
            anchors.margins: Theme.mm(7)
            anchors.verticalCenter: parent.verticalCenter
            spacing: Theme.mm(1)

            KText {
                width: parent.width
                text: Strings.text("submitted.code")
                tone: KText.Secondary
            }
            KText {
                width: parent.width
                text: root.view.slip_code
                role: KText.Title
                font.letterSpacing: Theme.mm(0.8)
            }
            KText {
                width: parent.width
                text: Strings.text("submitted.code_help")
                role: KText.Caption
                tone: KText.Secondary
            }
        }
    }
    KBusy {
        visible: root.view.slip === "printing"
        text: Strings.text("submitted.printing")
    }
    KNotice {
        width: parent.width
        visible: root.view.slip === "printed"
        kind: KNotice.Ok
        title: Strings.text("submitted.printed")
    }
    KNotice {
        width: parent.width
        visible: root.view.slip === "failed"
        kind: KNotice.Warn
        title: Strings.text("submitted.not_printed")
        body: root.view.slip_problem
    }
    Column {
        width: parent.width
        visible: root.view.slip === "unknown"
        spacing: Theme.mm(4)

        KNotice {
            width: parent.width
            kind: KNotice.Warn
            title: Strings.text("submitted.unknown")
            body: Strings.text("submitted.unknown_help")
        }
        Row {
            spacing: Theme.mm(5)

            KButton {
                text: Strings.text("submitted.came_out")
                height: Theme.mainTarget
                onClicked: root.post("slip_came_out", {})
            }
            KButton {
                text: Strings.text("submitted.did_not")
                height: Theme.mainTarget
                onClicked: root.post("print_again", {})
            }
        }
    }
    KNotice {
        width: parent.width
        visible: root.view.card_reminder !== ""
        kind: KNotice.Warn
        title: root.view.card_reminder
    }
    KButton {
        visible: root.view.can_print_again
        text: Strings.text("submitted.print_again")
        drawing: "slip"
        onClicked: root.post("print_again", {})
    }
    KSection {
        width: parent.width
        topPadding: Theme.mm(3)
        title: Strings.text("submitted.next")

        Repeater {
            model: root.view.next.length

            KText {
                required property int index

                width: Math.min(root.columnWidth, Theme.measure)
                text: root.view.next[index] ?? ""
            }
        }
    }
}
