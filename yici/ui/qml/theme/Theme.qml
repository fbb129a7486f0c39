pragma Singleton
import QtQuick

// Roles and sizes; every value comes from yici/ui/theme.py (`tokens`) and may change at run time.
// Lengths are pixels of the configured panel; where a design speaks of millimetres use mm().
QtObject {
    property real pxPerMm: 4
    property bool isPortrait: true
    property bool isElder: false
    property bool isLow: false
    property real reachTop: 0  // nothing to touch above this line of the panel
    property string textSize  // standard | large | extra | elder
    property string contrast  // calm | high_light | high_dark | soft

    property string family
    property real captionPx
    property real bodyPx
    property real headingPx
    property real titlePx

    property real grid
    property real margin
    property real radius
    property real hairline
    property real focusRing
    property real target      // least height of anything to touch
    property real mainTarget  // height of the main actions
    property real gap         // least distance between two targets
    property real measure     // widest column of running text
    property real motionMs

    property color page
    property color surface
    property color text
    property color secondaryText
    property color line
    property color accent
    property color onAccent
    property color ok
    property color warn
    property color danger
    property color pressed
    property color accentPressed
    property color rule

    function mm(length: real): real {
        return Math.round(length * pxPerMm);
    }
}
