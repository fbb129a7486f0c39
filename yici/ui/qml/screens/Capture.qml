import QtQuick
import controls
import strings
import theme

// One paper under the camera: a living picture, the found page, and the shot to keep or repeat.
KScreen {
    id: root

    wide: true
    readonly property bool live: root.view.phase !== "check"
    readonly property bool ready: root.view.phase === "live" || root.view.phase === "check"

    title: root.view.material
    lead: root.live ? Strings.format("capture.lead", {
        page: root.view.page
    }) : Strings.text("capture.check")
    actions.backText: root.live ? Strings.text("action.back") : Strings.text("capture.again")
    backEvent: root.live ? "back" : "take_again"
    actions.primaryText: root.live ? Strings.text("capture.shoot") : Strings.text("capture.keep")
    actions.primaryEnabled: root.ready && root.view.source !== ""
    actions.onAdvanced: root.post(root.live ? "take" : "keep_and_finish", {})

    Grid {
        id: stage

        readonly property real pictureWidth: Math.min(Theme.isPortrait ? width : width * 0.62, (root.bodyHeight - Theme.mm(66)) * 4 / 3)
        readonly property real besideWidth: Theme.isPortrait ? width : width - pictureWidth - spacing

        width: parent.width
        columns: Theme.isPortrait ? 1 : 2
        spacing: Theme.mm(7)

        KLivePicture {
            width: stage.pictureWidth
            // a straightened page stands upright, the camera's picture lies
            height: root.live || !Theme.isPortrait ? Math.round(width * 3 / 4) : Math.min(Math.round(width * 1.2), root.bodyHeight - Theme.mm(155))
            source: root.view.source
            outline: root.view.outline
            waiting: root.view.unavailable ? "" : Strings.text("capture.waiting")
            description: Strings.text("capture.picture")
        }
        Column {
            width: stage.besideWidth
            spacing: Theme.mm(6)

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
                strong: root.view.found
            }
            KBusy {
                visible: root.view.phase === "taking"
                text: Strings.text("capture.taking")
            }
            KButton {
                visible: root.view.can_take_whole
                text: Strings.text("capture.whole")
                drawing: "camera"
                onClicked: root.post("take_whole", {})
            }
            KButton {
                visible: !root.live && root.view.can_add_page
                text: Strings.text("capture.another")
                drawing: "camera"
                onClicked: root.post("keep_and_continue", {})
            }
            KDrawing {
                visible: root.live
                width: parent.width
                height: Math.min(Theme.mm(64), root.bodyHeight * 0.2)
                name: "paper_on_mat"
                description: Strings.text("capture.drawing")
            }
        }
    }
}
