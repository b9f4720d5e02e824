/*
 * One button that sends where the phone is. The link's secret stands behind the "#", which no server sees; it is taken
 * out of the address at once, so that the history of a searched phone cannot be used again.
 */
(function () {
  "use strict";

  var PATIENCE_MS = 40000;
  var PAUSE_MS = 3000;

  var words = document.body.dataset;
  var send = document.getElementById("send");
  var said = document.getElementById("said");
  var token = window.location.hash.slice(1);

  function say(sentence) {
    said.textContent = sentence;
    send.disabled = false;
  }

  function post(place) {
    var request = new XMLHttpRequest();
    request.open("POST", "/place");
    request.setRequestHeader("Content-Type", "application/json");
    request.timeout = PATIENCE_MS;
    request.onloadend = function () {
      if (request.status === 200) {
        token = "";
        send.hidden = true;
        say(words.kept);
      } else if (request.status === 403 || request.status === 400) {
        say(words.noLocation);
      } else {
        said.textContent = words.offline;
        // The same place sent again is the same message.
        setTimeout(post, PAUSE_MS, place);
      }
    };
    request.send(JSON.stringify({ token: token, lat: place.latitude, lon: place.longitude, accuracy: place.accuracy }));
  }

  function nowhere() {
    say(words.noLocation);
  }

  function locate() {
    send.disabled = true;
    said.textContent = "…";
    if (!navigator.geolocation) {
      nowhere();
      return;
    }
    navigator.geolocation.getCurrentPosition(
      function (position) {
        post(position.coords);
      },
      nowhere,
      { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 60000 }
    );
  }

  history.replaceState(null, "", "/place");
  send.hidden = !token;
  if (!token) nowhere();
  send.addEventListener("click", locate);
})();
