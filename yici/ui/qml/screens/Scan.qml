pragma ComponentBehavior: Bound
import QtQuick
import controls
import strings
import theme

// One paper in the scanner: lay it in, let it run, look at the last page, more or done.
KScreen {
    id: root

    wide: true
    readonly property bool checking: root.view.phase === "check"
    readonly property bool choosing: root.view.phase === "ready" || root.checking

    title: root.view.material
    lead: root.view.lead
    actions.primaryText: ({
            check: Strings.text("scan.keep"),
            scanning: Strings.text("scan.keep"),
            unavailable: Strings.text("scan.try_again")
        })[root.view.phase] ?? (root.view.sources[0]?.label ?? Strings.text("scan.waiting"))
    actions.primaryEnabled: root.choosing ? root.checking || root.view.sources.length > 0 : root.view.phase === "unavailable"
    actions.onAdvanced: {
        if (root.checking)
            root.post("scan_finish", {});
        else if (root.view.phase === "unavailable")
            root.post("scan_try_again", {});
        else
            root.post("scan", {
                source: root.view.sources[0].source
            });
    }

    Grid {
        id: stage

        readonly property real besideWidth: Theme.isPortrait || !shownPage.visible ? width : width - shownPage.width - spacing

        width: parent.width
        columns: Theme.isPortrait ? 1 : 2
        spacing: Theme.mm(7)
        horizontalItemAlignment: Theme.isPortrait ? Grid.AlignHCenter : Grid.AlignLeft

        KLivePicture {
            id: shownPage

            visible: root.view.source !== ""
            width: Theme.isPortrait ? Math.min(stage.width, Math.round(height * 0.75)) : Math.round(height * 0.75)
            height: Theme.isPortrait ? root.bodyHeight * 0.5 : root.bodyHeight - Theme.mm(72)
            source: root.view.source
            description: Strings.text("scan.picture")
        }
        Column {
            width: stage.besideWidth
            spacing: Theme.mm(6)

            KNotice {
                width: parent.width
                visible: root.view.problem !== ""
                kind: KNotice.Danger
                title: root.view.phase === "unavailable" ? Strings.text("scan.gone") : ""
                body: root.view.problem
            }
            KNotice {
                width: parent.width
                visible: root.checking && root.view.warnings.length > 0
                kind: KNotice.Warn
                title: Strings.text("capture.warning")
                body: root.view.warnings.join("\n")
            }
            KText {
                width: parent.width
                visible: root.view.pages_text !== ""
                text: root.view.pages_text
                tone: KText.Ok
                strong: true
            }
            KBusy {
                visible: root.view.phase === "scanning" || root.view.phase === "starting"
                text: root.view.phase === "scanning" ? Strings.text("scan.running") : Strings.text("scan.waiting")
            }
            KButton {
                visible: root.view.phase === "scanning"
                text: Strings.text("scan.stop")
                onClicked: root.post("scan_stop", {})
            }
            Repeater {
                model: 2

                KButton {
                    required property int index
                    readonly property var offer: root.view.sources[index] ?? null

                    // before the first page the first source is the main button below
                    visible: offer !== null && (root.checking && root.view.can_add_page || root.view.phase === "ready" && index > 0)
                    text: offer === null ? "" : root.checking ? offer.more_label : offer.label
                    onClicked: root.post("scan", {
                        source: offer.source
                    })
                }
            }
            KButton {
                visible: root.checking
                kind: KButton.Quiet
                text: Strings.text("scan.again")
                onClicked: root.post("scan_again", {})
            }
            KDrawing {
                visible: root.view.source === "" && root.view.phase !== "unavailable"
                width: parent.width
                height: Math.min(Theme.mm(80), root.bodyHeight * 0.3)
                name: "paper_in_scanner"
                description: Strings.text("scan.drawing")
            }
        }
    }
}
