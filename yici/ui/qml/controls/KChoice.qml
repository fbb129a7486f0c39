pragma ComponentBehavior: Bound
import QtQuick
import theme

// A question with fixed answers. `options` is a list of { value, label }; one or many are chosen.
Column {
    id: root

    property string label
    property string help
    property string error
    property bool many: false
    property bool narrow: false  // many short answers
    property var options: []
    property var chosen: []
    readonly property bool wrong: root.error !== ""

    signal picked(var values)

    function toggle(value: string): void {
        if (!root.many) {
            root.picked([value]);
            return;
        }
        const rest = root.chosen.filter(other => other !== value);
        root.picked(rest.length === root.chosen.length ? rest.concat([value]) : rest);
    }

    spacing: Theme.mm(1.5)
    Accessible.role: Accessible.Grouping
    Accessible.name: root.label
    Accessible.description: root.wrong ? root.error : root.help

    KText {
        width: parent.width
        text: root.label
        strong: true
        visible: text !== ""
        Accessible.ignored: true
    }
    KText {
        width: parent.width
        text: root.help
        visible: text !== ""
        role: KText.Caption
        tone: KText.Secondary
    }
    Flow {
        id: flow

        // many short answers stand in columns, so that one can run down them
        readonly property int columnCount: Math.max(1, Math.floor((width + spacing) / (Theme.bodyPx * 8 + spacing)))
        readonly property real cell: Math.floor((width - spacing * (columnCount - 1)) / columnCount)

        function cellFor(wanted: real): real {
            if (!root.narrow)
                return Math.min(Math.max(wanted, Theme.mm(38)), width);
            return wanted <= cell ? cell : Math.min(2 * cell + spacing, width);
        }

        width: parent.width
        spacing: Theme.gap

        KPool {
            id: answers

            wanted: root.options.length

            KOption {
                required property int index
                readonly property var option: root.options[index] ?? ({
                        value: "",
                        label: ""
                    })

                visible: index < answers.wanted
                width: flow.cellFor(implicitWidth)
                text: option.label
                many: root.many
                checkable: false
                checked: root.chosen.includes(option.value)
                onClicked: root.toggle(option.value)
            }
        }
    }
    Row {
        width: parent.width
        spacing: Theme.mm(2)
        visible: root.wrong

        KDrawing {
            id: sign

            name: "stop"
            main: Theme.danger
            accent: Theme.danger
            width: Math.round(Theme.bodyPx * 1.2)
            height: width
        }
        KText {
            width: parent.width - sign.width - parent.spacing
            text: root.error
            tone: KText.Danger
            strong: true
        }
    }
}
