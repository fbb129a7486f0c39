import QtQuick
import controls

// The screens by name, each built once and kept. One is in the window; the others are out of it:
// not painted, not laid out, not in the accessibility tree, without focus. `visible: false` would
// turn every binding on `visible` inside over, and back again under the next finger.
FocusScope {
    id: root

    property KScreen shown: null
    property string name
    property real keyboardHeight: 0
    property int built: 0  // how many were built so far

    QtObject {
        id: inner

        property var kept: ({})
    }

    function fileOf(name: string): string {
        return name.split("_").map(part => part.charAt(0).toUpperCase() + part.slice(1)).join("") + ".qml";
    }

    function enter(name: string, view: var): void {
        if (root.name === name) {
            root.shown.view = view;
            return;
        }
        const before = root.shown;
        const next = root.bring(name, view);
        root.name = name;
        root.shown = next;
        next.begin();
        // the focus goes from field to field, so that the keys stay where they are
        next.focus = true;
        next.keyboardHeight = root.keyboardHeight;
        if (before !== null)
            before.parent = null;
    }

    // into the window, with what it has to show now
    function bring(name: string, view: var): KScreen {
        const screen = root.prepare(name, view);
        screen.view = view;
        screen.width = root.width;
        screen.height = root.height;
        screen.parent = root;
        return screen;
    }

    // build it out of the window, or let it grow there to what it may have to show
    function rehearse(name: string, view: var): void {
        const screen = root.prepare(name, view);
        if (root.name !== name)
            screen.view = view;
    }

    // build it out of the window, unless it is there
    function prepare(name: string, view: var): KScreen {
        if (inner.kept[name] === undefined) {
            const component = Qt.createComponent(Qt.resolvedUrl(root.fileOf(name)));
            const screen = component.createObject(root, {
                view: view,
                width: root.width,
                height: root.height
            });
            if (screen === null)
                throw new Error(component.errorString());
            screen.parent = null;
            inner.kept[name] = screen;
            root.built += 1;
        }
        return inner.kept[name];
    }

    onKeyboardHeightChanged: {
        if (root.shown !== null)
            root.shown.keyboardHeight = keyboardHeight;
    }
    onWidthChanged: {
        if (root.shown !== null)
            root.shown.width = width;
    }
    onHeightChanged: {
        if (root.shown !== null)
            root.shown.height = height;
    }
}
