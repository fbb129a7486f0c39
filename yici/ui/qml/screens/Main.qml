import QtQuick
import controls
import input
import strings
import theme
import view_models

// The one window: header, the screen of the moment, and what may lie over it.
// snapshot: { screen, view, hall_name, mark, clock,
//             idle: null | { remaining_s }, staff: null | { phone } }
FocusScope {
    id: root

    required property SessionViewModel session
    readonly property var snapshot: root.session.snapshot
    readonly property alias screensBuilt: screens.built
    readonly property bool covered: idle.visible || display.visible || staff.visible

    focus: true

    function show(): void {
        const now = root.session.snapshot;
        screens.enter(now.screen, now.view);
    }

    Component.onCompleted: root.show()

    Connections {
        target: root.session

        function onChanged(): void {
            root.show();
        }
        function onPrepareAsked(screen: string, view: var): void {
            screens.rehearse(screen, view);
        }
        function onKeysAsked(index: int): void {
            keyboard.prepare(index);
        }
    }

    Rectangle {
        anchors.fill: parent
        color: Theme.page
    }
    // above the reach: only to be looked at
    Column {
        anchors.horizontalCenter: parent.horizontalCenter
        y: Math.round((Theme.reachTop - height) / 2)
        visible: Theme.isLow
        spacing: Theme.mm(6)

        KDrawing {
            name: "hall"
            width: Theme.mm(30)
            height: width
            anchors.horizontalCenter: parent.horizontalCenter
        }
        KText {
            text: root.snapshot.hall_name
            role: KText.Heading
            width: Math.min(implicitWidth, root.width - 2 * Theme.margin)
            horizontalAlignment: Text.AlignHCenter
        }
    }
    // never covered, and in the way of nothing
    Rectangle {
        id: mark

        anchors.left: parent.left
        anchors.right: parent.right
        y: Theme.reachTop
        height: markText.text === "" ? 0 : markText.implicitHeight + Theme.mm(2)
        visible: height > 0
        color: Theme.warn

        KText {
            id: markText

            anchors.centerIn: parent
            text: root.snapshot.mark ?? ""
            color: Theme.page
            strong: true
        }
    }
    Item {
        id: stage

        anchors.fill: parent
        anchors.topMargin: Theme.reachTop + mark.height

        KHeader {
            id: header

            anchors.left: parent.left
            anchors.right: parent.right
            anchors.top: parent.top
            enabled: !root.covered
            hallName: root.snapshot.hall_name
            clock: root.snapshot.clock
            onLanguageAsked: root.session.post("set_language", {
                language: Strings.language === "zh_CN" ? "en" : "zh_CN"
            })
            onDisplayAsked: display.visible = true
            onElderAsked: root.session.post("set_view", {
                view: Theme.isElder ? "standard" : "elder"
            })
        }
        KeptScreens {
            id: screens

            anchors.left: parent.left
            anchors.right: parent.right
            anchors.top: header.bottom
            anchors.bottom: parent.bottom
            keyboardHeight: keyboard.height
            focus: !root.covered
            enabled: !root.covered
        }
        Keyboard {
            id: keyboard

            anchors.left: parent.left
            anchors.right: parent.right
            anchors.bottom: parent.bottom
            anchors.bottomMargin: screens.shown?.actions.height ?? 0
            screenHeight: stage.height
            enabled: !root.covered
        }
        Connections {
            target: screens.shown

            function onPost(event: string, payload: var): void {
                root.session.post(event, payload);
            }
        }

        DisplaySheet {
            id: display

            onTextSizePicked: size => root.session.post("set_text_size", {
                    size: size
                })
            onContrastPicked: contrast => root.session.post("set_contrast", {
                    contrast: contrast
                })
        }
        KSheet {
            id: staff

            visible: (root.snapshot.staff ?? null) !== null
            title: Strings.text("staff.title")
            body: Strings.format("staff.body", {
                phone: root.snapshot.staff?.phone ?? ""
            })

            KButton {
                kind: KButton.Primary
                text: Strings.text("staff.close")
                width: parent.width
                height: Theme.mainTarget
                focus: true
                onClicked: root.session.post("staff_sheet_closed", {})
            }
        }
        KSheet {
            id: idle

            visible: (root.snapshot.idle ?? null) !== null
            title: Strings.text("idle.title")
            body: Strings.text("idle.body")

            KText {
                width: parent.width
                text: Strings.format("idle.remaining", {
                    seconds: root.snapshot.idle?.remaining_s ?? 0
                })
                role: KText.Heading
                tone: KText.Warn
            }
            KButton {
                kind: KButton.Primary
                text: Strings.text("idle.stay")
                width: parent.width
                height: Theme.mainTarget
                focus: true
                onClicked: root.session.post("stay", {})
            }
            KButton {
                text: Strings.text("idle.leave")
                width: parent.width
                height: Theme.mainTarget
                onClicked: root.session.post("end", {})
            }
        }
    }
}
