import QtQuick
import controls
import strings
import theme

// One paper under the camera: a living picture, the found page, and the shot to keep or repeat.
KScreen {
    id: root

    readonly property bool live: root.view.phase !== "check"
    readonly property bool ready: root.view.phase === "live" || root.view.phase === "check"

    title: root.view.material
    lead: root.live ? Strings.format("capture.lead", {
        page: root.view.page
    }) : Strings.text("capture.check")
    actions.backText: root.live ? Strings.text("action.back") : Strings.text("capture.again")
    backEvent: root.live ? "back" : "retake"
    actions.primaryText: root.live ? Strings.text("capture.shoot") : Strings.text("capture.keep")
    actions.primaryEnabled: root.ready && root.view.source !== ""
    actions.onAdvanced: root.post(root.live ? "shoot" : "keep_page", {})

    Row {
        width: parent.width
        height: Math.max(Theme.mm(60), root.bodyHeight - Theme.mm(Theme.isPortrait ? 120 : 74))
        spacing: Theme.mm(5)

        KLivePicture {
            width: Theme.isPortrait ? parent.width : parent.width - hint.width - parent.spacing
            height: parent.height
            source: root.view.source
            outline: root.view.outline
            waiting: root.view.unavailable ? "" : Strings.text("capture.waiting")
            description: Strings.text("capture.picture")
        }
        KDrawing {
            id: hint

            visible: !Theme.isPortrait
            width: visible ? Theme.mm(70) : 0
            height: parent.height
            name: "paper_on_mat"
            description: Strings.text("capture.drawing")
        }
    }
    KNotice {
        width: parent.width
        visible: root.view.problem !== ""
        kind: KNotice.Danger
        title: root.view.unavailable ? Strings.text("capture.camera_gone") : ""
        body: root.view.problem
    }
    KNotice {
        width: parent.width
        visible: root.view.warnings.length > 0
        kind: KNotice.Warn
        title: Strings.text("capture.warning")
        body: root.view.warnings.join("\n")
    }
    KText {
        width: parent.width
        visible: root.view.phase === "live" && root.view.problem === ""
        text: root.view.found ? Strings.text("capture.found") : Strings.text("capture.not_found")
        tone: root.view.found ? KText.Ok : KText.Secondary
    }
    KButton {
        visible: !root.live && root.view.can_add_page
        text: Strings.text("capture.another")
        drawing: "camera"
        onClicked: root.post("keep_and_next_page", {})
    }
}
