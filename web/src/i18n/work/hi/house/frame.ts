import type english from '../../en/house/frame';

const frame: typeof english = {
  house: {
    nav: 'प्रबंधन',
    groups: { today: 'आज', programme: 'कार्यक्रम', sales: 'बिक्री', people: 'लोग', system: 'सिस्टम' },
    rooms: {
      today: 'आज',
      boxOffice: 'बॉक्स ऑफ़िस',
      bookings: 'बुकिंग',
      door: 'गेट',
      schedule: 'शेड्यूल',
      shows: 'फ़िल्में और नाटक',
      venues: 'थिएटर',
      money: 'हिसाब',
      promotions: 'ऑफ़र',
      cancellations: 'रद्द शो',
      mails: 'मेल',
      people: 'लोग',
      security: 'सुरक्षा लॉग',
      system: 'सिस्टम',
      history: 'हिस्ट्री',
    },
    absent: 'यहाँ अभी यह सुविधा नहीं है।',
    outdated: 'यह जानकारी पुरानी हो सकती है।',
    more: 'और दिखाएँ',
    nothing: 'यहाँ कुछ नहीं है',
    actions: 'क्या करें',
    goBack: 'वापस जाएँ',
    status: 'स्थिति',
    any: 'कोई भी',
    history: 'हिस्ट्री',
    of: (verb, row) => `${verb}: ${row}`,
  },
};

export default frame;
