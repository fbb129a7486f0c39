import QtQuick
import QtQuick.Controls.Basic
import strings
import theme

// The anatomy of every screen: task and progress, one question, the body, the ways on.
// In landscape a `guide` (a drawing, a preview) stands at the right, in portrait above the body.
FocusScope {
    id: root

    // what this screen shows: plain values, in the shape that its module in view_models/ makes
    required property var view
    property string task: root.view.task ?? ""
    property int step: root.view.step ?? 0
    property int stepCount: root.view.step_count ?? 0
    property string title
    property string lead
    property string backEvent: "back"
    property bool typing: false  // has fields: starts higher, to leave room for the keys
    property bool wide: false  // uses the whole width of a landscape panel
    property Component guide: null
    property real guideHeight: Theme.mm(110)
    property real keyboardHeight: 0
    property alias actions: actionBar
    readonly property alias body: body
    readonly property bool sideBySide: root.guide !== null && !Theme.isPortrait
    readonly property real roomHeight: actionBar.y - strip.height - root.keyboardHeight
    readonly property bool overflows: column.y + column.implicitHeight + Theme.margin > root.roomHeight
    // beside the keys of a landscape panel there is no room for it
    readonly property bool stepsShown: root.overflows && (Theme.isPortrait || root.keyboardHeight === 0)
    readonly property real columnWidth: column.width
    readonly property real bodyHeight: root.roomHeight
    default property alias content: body.data

    signal post(string event, var payload)
    signal begun

    // where typing begins; where there is none, nothing has the focus when the screen comes
    property Item firstField: null

    readonly property Item focused: root.Window.activeFocusItem

    function holds(item: Item): bool {
        for (let at = item; at !== null; at = at.parent)
            if (at === body)
                return true;
        return false;
    }

    // as if it had just been built: a kept screen remembers where the one before left it
    function begin(): void {
        flick.contentY = 0;
        (root.firstField ?? nowhere).focus = true;
        root.begun();
    }

    // bring the field that is being typed into above the keys
    function reveal(): void {
        if (root.focused === null || !root.holds(root.focused))
            return;
        const top = root.focused.mapToItem(flick.contentItem, 0, 0).y;
        const bottom = top + root.focused.height;
        if (bottom + Theme.mm(16) > flick.contentY + flick.height)
            flick.contentY = Math.min(flick.contentHeight - flick.height, bottom + Theme.mm(16) - flick.height);
        else if (top - Theme.mm(16) < flick.contentY)
            flick.contentY = Math.max(0, top - Theme.mm(16));
    }

    onFocusedChanged: revealing.start()
    onKeyboardHeightChanged: revealing.start()

    // once the layout has settled; a timer of its own, because it dies with the screen
    Timer {
        id: revealing

        interval: 0
        onTriggered: root.reveal()
    }

    Item {
        id: nowhere
    }
    Item {
        id: strip

        anchors.top: parent.top
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.leftMargin: Theme.margin
        anchors.rightMargin: Theme.margin
        height: root.task === "" ? 0 : Math.max(Theme.mm(18), name.implicitHeight + Theme.mm(6))
        visible: root.task !== ""

        KText {
            id: name

            text: root.task
            tone: KText.Secondary
            anchors.left: parent.left
            anchors.right: steps.visible ? steps.left : parent.right
            anchors.rightMargin: Theme.mm(4)
            anchors.verticalCenter: parent.verticalCenter
            elide: Text.ElideRight
            maximumLineCount: 2
        }
        KSteps {
            id: steps

            step: root.step
            count: root.stepCount
            visible: root.stepCount > 0
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
        }
        Rectangle {
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.bottom: parent.bottom
            height: Theme.hairline
            color: Theme.rule
        }
    }

    Flickable {
        id: flick

        anchors.top: strip.bottom
        anchors.left: parent.left
        anchors.right: root.sideBySide ? side.left : parent.right
        anchors.bottom: actionBar.top
        anchors.bottomMargin: root.keyboardHeight + (root.stepsShown ? more.height + 2 * Theme.gap : 0)
        contentWidth: width
        contentHeight: Math.max(height, column.y + column.implicitHeight + Theme.margin)
        boundsBehavior: Flickable.StopAtBounds
        clip: true
        interactive: root.overflows
        ScrollBar.vertical: ScrollBar {
            rightPadding: Theme.mm(2)
            policy: flick.interactive ? ScrollBar.AlwaysOn : ScrollBar.AlwaysOff
            contentItem: Rectangle {
                implicitWidth: Theme.mm(2)
                radius: width / 2
                color: Theme.line
            }
        }

        Column {
            id: column

            // a fixed place: what one looks at must not move while one types or chooses
            y: root.typing || !Theme.isPortrait ? Theme.mm(9) : Theme.mm(20)
            x: Math.max(Theme.margin, Math.round((flick.width - width) / 2))
            width: Math.min(flick.width - 2 * Theme.margin, root.wide ? flick.width : Theme.mm(250))
            spacing: Theme.mm(8)

            KText {
                width: parent.width
                text: root.title
                role: KText.Title
                visible: text !== ""
                Accessible.role: Accessible.Heading
            }
            KText {
                width: Math.min(parent.width, Theme.measure)
                text: root.lead
                visible: text !== ""
            }
            Loader {
                width: parent.width
                height: root.guideHeight
                active: root.guide !== null && !root.sideBySide
                visible: active
                sourceComponent: root.guide
            }
            Column {
                id: body

                width: parent.width
                spacing: Theme.mm(7)
            }
        }
    }
    // people who don't know that a screen can be pushed find a button
    KButton {
        id: more

        readonly property bool upwards: flick.atYEnd

        text: more.upwards ? Strings.text("action.less") : Strings.text("action.more")
        drawing: more.upwards ? "up" : "down"
        visible: root.stepsShown
        x: flick.x + column.x + column.width - width
        anchors.top: flick.bottom
        anchors.topMargin: Theme.gap
        onClicked: flick.contentY = more.upwards ? 0 : Math.min(flick.contentHeight - flick.height, flick.contentY + flick.height * 0.85)
    }

    Item {
        id: side

        anchors.top: strip.bottom
        anchors.right: parent.right
        anchors.bottom: actionBar.top
        width: root.sideBySide ? Math.round(parent.width * 0.42) : 0
        visible: root.sideBySide

        Loader {
            anchors.fill: parent
            anchors.margins: Theme.margin
            active: root.sideBySide
            sourceComponent: root.guide
        }
    }

    KActionBar {
        id: actionBar

        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        endText: root.view.can_end ?? true ? Strings.text("action.end") : ""
        backText: root.view.can_go_back ?? false ? Strings.text("action.back") : ""
        onEnded: root.post("end", {})
        onBacked: root.post(root.backEvent, {})
        onStaffCalled: root.post("call_staff", {})
    }
}
