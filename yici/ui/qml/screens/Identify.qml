pragma ComponentBehavior: Bound
import QtQuick
import controls
import strings
import theme

// Who stands here: the card on the reader, or another way in that is as good.
KScreen {
    id: root

    title: Strings.text("identify.title")
    lead: Strings.text("identify.lead")
    // the other ways have to be in sight when the card can't be read
    guideHeight: Math.min(Theme.mm(150), root.bodyHeight * (Theme.isLow || root.view.problem !== "" ? 0.28 : 0.42))
    guide: Component {
        KDrawing {
            name: "card_on_reader"
            description: Strings.text("identify.drawing")
        }
    }

    KBusy {
        visible: root.view.phase !== "reader_unavailable"
        text: Strings.text("identify.waiting")
    }
    KText {
        width: parent.width
        visible: root.view.social_security !== ""
        text: root.view.social_security
        tone: KText.Secondary
    }
    KNotice {
        width: parent.width
        visible: root.view.problem !== ""
        kind: KNotice.Warn
        title: root.view.phase === "reader_unavailable" ? Strings.text("identify.reader_unavailable") : Strings.text("identify.read_failed")
        body: root.view.problem
    }
    Column {
        width: parent.width
        spacing: Theme.mm(4)
        topPadding: Theme.mm(6)

        KText {
            width: parent.width
            text: Strings.text("identify.other")
            tone: KText.Secondary
        }
        KTile {
            width: parent.width
            compact: true
            drawing: "keyboard"
            text: Strings.text("identify.type")
            detail: Strings.text("identify.type_detail")
            onClicked: root.post("type_instead", {})
        }
        KTile {
            width: parent.width
            compact: true
            drawing: "person"
            text: Strings.text("identify.staff")
            detail: Strings.text("identify.staff_detail")
            onClicked: root.post("call_staff", {})
        }
    }
}
