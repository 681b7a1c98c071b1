# Books a seat, from the programme to the ticket. Paste it, or run it: sh deploy/walkthrough.sh [origin]
api=${1:-http://localhost:8000}/api/v1
first() { grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d'"' -f4; }   # the first value of a JSON field
call() { curl -sS -H "Authorization: Bearer $token" -H 'Content-Type: application/json' "$@"; echo; }

# Sign in as a customer of the demo data, whose wallet is full.
token=$(curl -sS -H 'Content-Type: application/json' $api/auth/login \
  -d '{"email": "asha@example.com", "password": "ticketshow demo"}' | first access_token)

# Browse: what is on in Mumbai, and the next screening there.
call "$api/shows?city=Mumbai&limit=3"
screening=$(call "$api/screenings?city=Mumbai&limit=1" | first screening_id)

# The seat map, and a free seat of it.
seat=$(call $api/screenings/$screening/seats | grep -o '{[^{]*"status":"free"' | first seat)

# Hold the seat, pay from the wallet, show the ticket.
booking=$(call $api/bookings -d "{\"screening_id\": \"$screening\", \"seats\": [\"$seat\"]}" | first booking_id)
call $api/bookings/$booking/payment -d '{"method": "wallet"}'
call $api/bookings/$booking
