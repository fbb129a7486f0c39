"""Sign in and out."""

from starlette.responses import Response

from yici.unified_platform.accounts.staff import sign_in, sign_out
from yici.unified_platform.console.cookies import drop_cookie, put_cookie
from yici.unified_platform.console.web import Visit, redirect, render


def show_sign_in(visit: Visit) -> Response:
    """GET /sign-in."""
    if visit.session is not None:
        return redirect("/cases")
    notice = visit.say("signed_out_idle") if "ended" in visit.query else ""
    return render(visit, "sign_in.html", error="", notice=notice, name="")


def do_sign_in(visit: Visit) -> Response:
    """POST /sign-in: tries are counted by address and by name."""
    name, password = visit.form.get("name", "").strip(), visit.form.get("password", "")
    tries, keys = visit.console.tries, (f"address:{visit.address}", f"name:{name[:60]}")
    wait_s = tries.begin(*keys)
    if wait_s:
        error = visit.say("sign_in_limited", minutes=wait_s // 60 + 1)
        return render(visit, "sign_in.html", status=429, error=error, notice="", name=name)
    signed_in = sign_in(visit.platform, name, password)
    if signed_in is None:
        error = visit.say("sign_in_wrong")
        return render(visit, "sign_in.html", status=403, error=error, notice="", name=name)
    tries.succeeded(*keys)
    response = redirect("/cases")
    put_cookie(response, visit.console.transport, signed_in.token)
    return response


def do_sign_out(visit: Visit) -> Response:
    """POST /sign-out."""
    sign_out(visit.platform, visit.token)
    response = redirect("/sign-in")
    drop_cookie(response, visit.console.transport)
    return response
