import QtQuick
import QtQuick.Controls.Basic
import controls
import theme

// One key. It never takes the focus, so the field keeps its cursor.
// `struck` comes at the touch, not at the release: a trembling finger slides off before it lifts.
AbstractButton {
    id: root

    property bool main: false     // the one key that ends the entry
    property bool quiet: false    // does something instead of typing
    property bool repeats: false
    property bool chosen: false   // a mode that is on
    property bool flat: false     // a candidate in the strip: text on the strip's surface
    property bool strong: root.main
    property real fontPx: Theme.headingPx
    readonly property bool filled: root.main || root.down || root.chosen

    signal struck

    focusPolicy: Qt.NoFocus
    autoRepeat: root.repeats
    autoRepeatDelay: 450
    autoRepeatInterval: 90
    padding: Theme.mm(1)
    onPressed: root.struck()

    Accessible.role: Accessible.Button
    Accessible.name: root.text
    Accessible.onPressAction: {
        root.struck();
        root.clicked();
    }

    background: Rectangle {
        radius: Theme.radius
        color: root.main && root.down ? Theme.accentPressed : root.filled ? Theme.accent : root.flat ? "transparent" : root.quiet ? Theme.page : Theme.surface
        border.width: root.main || root.flat ? 0 : Math.max(1, Theme.hairline)
        border.color: Theme.line
    }

    contentItem: KText {
        text: root.text
        font.pixelSize: root.fontPx
        font.weight: root.strong ? Font.Bold : Font.Normal
        fontSizeMode: Text.Fit
        minimumPixelSize: 8
        wrapMode: Text.NoWrap
        horizontalAlignment: Text.AlignHCenter
        verticalAlignment: Text.AlignVCenter
        color: root.filled ? Theme.onAccent : !root.enabled ? Theme.line : root.flat && root.strong ? Theme.accent : Theme.text
        Accessible.ignored: true
    }
}
